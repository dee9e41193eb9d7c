// The fan-out's peer: socket.io of Node.js with the same namespace, audience, messages and settings.
// `node bench/peer_fanout.mjs PORT`; POST /say and GET /state as in tests/display/feed/audience_server.py.

import { createServer } from 'node:http'
import { Server } from 'socket.io'

const AUDIENCE = 'wall'
const web = createServer()
// Deflate is off by default, as in the room.
const io = new Server(web, { pingInterval: 10_000, pingTimeout: 10_000, serveClient: false })
const feed = io.of('/feed')
feed.on('connection', (socket) => { void socket.join(AUDIENCE) })

/** @param {{messages: Record<string, unknown>[], every_s: number, stamped?: boolean}} asked */
async function say({ messages, every_s, stamped }) {
  let due = performance.now()
  for (const message of messages) {
    if (stamped) message.sent = String(process.hrtime.bigint()).padStart(20, '0')
    feed.to(AUDIENCE).emit('batch', message)
    due += every_s * 1000
    await new Promise((resolve) => { setTimeout(resolve, Math.max(0, due - performance.now())) })
  }
}

web.on('request', (request, response) => {
  const answer = () => response.end(JSON.stringify({ joined: feed.sockets.size }))
  if (request.url === '/state') answer()
  if (request.url !== '/say') return
  let body = ''
  request.on('data', (piece) => { body += piece })
  request.on('end', () => { void say(JSON.parse(body)).then(answer) })
})
web.listen(Number(process.argv[2]), '127.0.0.1')
