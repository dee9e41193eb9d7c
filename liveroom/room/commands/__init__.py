"""What people, citizens and sources do: from a command or report to its events, in a unit of work.

- `complaints`: accept a report; a command on a complaint; which pictures a command may name
- `alarms`: a command on an alarm
- `desk`: commands for all screens (sound, flash, scene, visit), shift handover
- `screens`: pair, change, freeze, revoke a screen; outages that screens report
- `users`: change people with an account; people whom an OpenID provider confirms
- `outbox`: resend a delivery, mark a fault as known, release what a restore holds
- `citizens`: what citizens do by themselves; a report taken down by telephone

An ``execute`` first returns the answer that the same command id got before, and logs nothing when it raises.
"""
