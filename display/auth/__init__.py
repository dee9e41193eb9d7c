"""Authentication and permissions: who makes a request, what is open to them, and every way to log in.

- `visitor`: request -> `Principal`; tokens, session cookie, CSRF values, redirects.
- `permissions`: which route is open to which kind of visitor; the check of every request.
- `login`: log-in by password, one-time password links, log-out, the session's state.
- `second_factor`: enrolment of a second factor and the second step of a log-in.
- `oidc`: log-in by an OpenID provider.
- `account`: a person changes their own password, second factor or recovery codes.
- `practice`: in a drill, whoever sits at its machine tries any role.
- `first_admin`: the set-up page that makes the first admin of a room.
- `throttle`: how often may who try to log in; which devices are known.
- `security`: security headers, allowed hosts and origins.
- `setup`: registers all of it in the app.
"""
