"""The Prometheus metrics of /metrics.

No label holds anything that a citizen or an officer wrote; the sources are there by their ids, which whoever registers
one names.
"""

from prometheus_client import Counter, Gauge, Histogram

_LAGS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 15)
PAINT_LAG = Histogram(
    "liveroom_paint_lag_seconds", "From the commit of an event to its painting, as walls report it", buckets=_LAGS
)
RECEIVE_LAG = Histogram(
    "liveroom_receive_lag_seconds",
    "From the commit of an event to its arrival at a wall, as walls report it",
    buckets=_LAGS,
)
ACCEPTED = Counter("liveroom_reports_total", "Reports by outcome", ("outcome",))
COMMANDS = Counter("liveroom_commands_total", "Commands by name and outcome", ("name", "outcome"))
CUT_OFF = Counter("liveroom_clients_cut_off_total", "Slow clients that were closed")
SENT = Counter("liveroom_feed_sent_total", "Batches and beats to one client: at once, or by its queue", ("way",))
CLIENTS = Gauge("liveroom_clients", "Connected clients of this process")
REQUESTS = Gauge("liveroom_requests_under_way", "Requests begun and not yet answered, but for websockets and health")
RESUMES = Counter(
    "liveroom_resumes_total",
    "Clients that asked where to go on: nothing had happened (current), by batches, by the snapshot",
    ("answer",),
)
RESUMED_EVENTS = Histogram(
    "liveroom_resumed_events",
    "Events that clients had missed which went on by batches",
    buckets=(0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000),
)
RESUMED_CARDS = Histogram(
    "liveroom_resumed_cards",
    "Cards and alarms that clients were sent which went on by batches",
    buckets=(0, 1, 2, 5, 10, 25, 50, 100, 250, 500),
)
TAIL_SEQ = Gauge("liveroom_tail_seq", "The last position this process has sent")
STALLS = Histogram(
    "liveroom_hub_stall_seconds",
    "How late a 50 ms tick of the hub came",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
MISMATCHES = Counter(
    "liveroom_projection_mismatches_total", "Rows or totals that the auditor, or a wall, found wrong", ("what",)
)
DOORBELL = Gauge("liveroom_doorbell_up", "1 while Redis carries the bell")
ALARM_RATE = Gauge("liveroom_alarms_per_hour", "Entries to unacknowledged an hour and position", ("window",))
ALARM_FLOOD = Gauge("liveroom_alarm_flood_share", "Share of the last 30 days in flood")
ALARM_SHARE = Gauge("liveroom_alarm_priority_share", "Share of each priority in 30 days", ("priority",))
ALARM_STALE = Gauge("liveroom_alarms_stale", "Alarms active for more than 24 h")
ALARM_CHATTERING = Gauge("liveroom_alarms_chattering", "Alarms that chattered in the last 7 days")
ALARM_ANSWERED = Gauge("liveroom_alarm_p1_acknowledged_share", "P1 acknowledged within so many seconds", ("seconds",))
ALARM_FORWARDED = Gauge(
    "liveroom_critical_forwarded_share", "Critical complaints forwarded within so many s", ("seconds",)
)
DELIVERIES = Counter("liveroom_deliveries_total", "Attempts of the courier by outcome", ("channel", "result"))
AGENCY_STATUS = Gauge("liveroom_agency_status_up", "1 while an agency's own system says what became of it", ("agency",))
FORWARDED = Counter("liveroom_forwarded_requests_total", "Requests of a forwarder while no proxy is configured")
CLOCK_JUMPED = Gauge("liveroom_clock_jumped", "1 while the clock of the database's machine is not believed")
MEDIA_STORE = Gauge("liveroom_media_store_up", "1 while photos and videos can be kept and shown")
UPLOADS_REFUSED = Counter("liveroom_uploads_refused_total", "Files that were not taken for want of room", ("why",))
DISK_FREE = Gauge("liveroom_disk_free_bytes", "Free on the fullest disk that the room writes to")
DISK_RESERVE = Gauge("liveroom_disk_reserve_bytes", "Of it kept for the log: files are refused below")
PUBLIC_UPLOADS = Gauge("liveroom_public_uploads_bytes", "Files without a log-in: unclaimed, come in 24 h", ("which",))
PUBLIC_UPLOADS_MOST = Gauge("liveroom_public_uploads_most_bytes", "How many may be", ("which",))
SOURCE_REPORTS = Counter("liveroom_source_reports_total", "Reports by source and outcome", ("source", "outcome"))
SOURCE_REFUSED = Counter("liveroom_source_refused_total", "Refused, by source and kind of reason", ("source", "reason"))
SOURCE_HEARD = Gauge("liveroom_source_heard_age_seconds", "Since a source was last heard, or registered", ("source",))
SOURCE_LAG = Gauge("liveroom_source_lag_seconds", "Median from report to arrival, of the last 64", ("source",))
SOURCE_PAUSED = Gauge("liveroom_source_paused", "1 while nothing is taken from a source", ("source",))
SOURCE_QUARANTINE = Gauge("liveroom_source_quarantine_open", "Refused, and nobody has looked after it", ("source",))
LOG_SEQ = Gauge("liveroom_log_seq", "Position of the last event of the log")
FEED_AGE = Gauge("liveroom_feed_age_seconds", "Age of what this process sends: of its last read, and the pulse")
SNAPSHOT_BEHIND = Gauge("liveroom_snapshot_behind_events", "Events since the oldest snapshot that is kept was made")
PULSE_AGE = Gauge("liveroom_pulse_age_seconds", "Since the clock last ran; screens say that data is lost by it")
DEADLINES_BEHIND = Gauge("liveroom_deadlines_behind_seconds", "How far the judging of deadlines is behind now")
OUTBOX_WAITING = Gauge("liveroom_outbox_waiting", "Deliveries that wait to be sent")
OUTBOX_OLDEST = Gauge("liveroom_outbox_oldest_seconds", "Room time since which the oldest of them waits; 0 without any")
OPEN = Gauge("liveroom_complaints_open", "Complaints that somebody still has to do something about")
OVERDUE = Gauge("liveroom_complaints_overdue", "Of them those whose time is over")
DATABASE_BYTES = Gauge("liveroom_database_bytes", "What the database takes on its disk")
