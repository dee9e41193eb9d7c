"""Photos and videos: recognized by content, examined in a sandboxed child process, stored by what they contain.

- `uploads`: a file on its way in, piece by piece -> examined, compared and stored; what is given up or erased.
- `inspect`: the server's side of an examination: starts the child, checks its answer, tests the sandbox.
- `examine`: the child's program: file -> facts, clean copy, thumbnail. `picture`, `video`: one form each.
- `sandbox`: what the child gives up before it reads a byte.
- `similarity`: which kept pictures show the same shot.
- `store`: content by its SHA-256, in a folder or a bucket.
- `linked`: fetches the pictures that a source only links to.
"""
