"""What people, citizens and sources do: from a command or report to its events, in a unit of work.

- `complaints`: accept a report; the commands on a complaint; which pictures a command may name
- `alarms`: the commands on an alarm
- `desk`: commands for all screens (sound, flash, scene, visit), shift handover
- `screens`: pair, change, freeze, revoke a screen; outages that screens report
- `users`: change people with an account; people whom an OpenID provider confirms
- `outbox`: resend a delivery, mark a fault as known, release what a restore holds
- `sources`: correct, accept or drop what a source sent and the room refused
- `hazards`: what services of warnings say
- `citizens`: what citizens do by themselves; a report taken down by telephone
- `apps`: reports and later words of apps that speak Open311
- `correspondence`: to which complaint a citizen's mail belongs, and its words
- `agency_systems`: what an agency's own system says of a request that was forwarded to it

Each makes the `Handler` of its subject: its table, which stands in the domain, and what only this subject does in its
own way. The steps themselves are in `pipeline`.
"""
