"""What an app does with the generated Python client: posts a complaint, reads it on the desk's list, forwards it.

Run as ``client_use.py ADDRESS KEY TOKEN`` beside the package ``liveroom_client``; it says the state at the end.
"""

import sys

from liveroom_client.api.commands import complaint_forward
from liveroom_client.api.desk import reading_list
from liveroom_client.api.intake import intake_complaints
from liveroom_client.client import AuthenticatedClient
from liveroom_client.models.forward_complaint_command import ForwardComplaintCommand
from liveroom_client.models.sent_report import SentReport


def main(address: str, key: str, token: str) -> None:
    source = AuthenticatedClient(base_url=address, token=key)
    desk = AuthenticatedClient(base_url=address, token=token)
    report = SentReport(source_id="C-1", category="jalan_rusak", lat=-6.1781, lon=106.6319)
    taken = intake_complaints.sync(client=source, body=report)
    page = reading_list.sync(client=desk, status="open")
    (row,) = [one for one in page.items if one.card.id == taken.id]
    command = ForwardComplaintCommand(command_id="c-1", seen_seq=row.card.seq, agency="dpupr")
    done = complaint_forward.sync(id=row.card.id, client=desk, body=command)
    sys.stdout.write(f"{row.card.state} {done.state} {done.status}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
