// ws: three channels a connection, each a Set; a message is parsed, given its sender and sent to all in the lobby.
import { createServer } from "node:http"
import jwt from "jsonwebtoken"
import { WebSocketServer } from "ws"

const channels = new Map()

function subscribe(name, socket) {
  if (!channels.has(name)) channels.set(name, new Set())
  channels.get(name).add(socket)
  socket.on("close", () => channels.get(name).delete(socket))
}

function publish(name, message) {
  const data = Buffer.from(JSON.stringify(message))
  for (const socket of channels.get(name)) socket.send(data, { binary: false })
}

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 65536 })

sockets.on("connection", (socket, user) => {
  for (const name of ["lobby", "site", `user:${user}`]) subscribe(name, socket)
  socket.on("error", () => {})
  socket.on("message", (data) => {
    const text = data.toString()
    if (text === "ping") return socket.send("pong")
    const { room, text: said } = JSON.parse(text)
    publish("lobby", { from: user, room, at: Date.now(), text: said })
  })
  socket.send("ready")
})

const server = createServer()
server.on("upgrade", (request, tcp, head) => {
  try {
    const token = new URL(request.url, "http://localhost").searchParams.get("token")
    const { sub } = jwt.verify(token, process.env.BENCH_SECRET, { algorithms: ["HS256"] })
    sockets.handleUpgrade(request, tcp, head, (socket) => sockets.emit("connection", socket, sub))
  } catch {
    tcp.end("HTTP/1.1 401 Unauthorized\r\n\r\n")
  }
})
server.listen(Number(process.argv[2]), "127.0.0.1", 4096)
