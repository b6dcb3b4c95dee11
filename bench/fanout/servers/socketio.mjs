// Socket.IO: three rooms a connection; a message is parsed, given its sender and emitted to the lobby.
import { createServer } from "node:http"
import jwt from "jsonwebtoken"
import { Server } from "socket.io"

const server = createServer()
const io = new Server(server, {
  transports: ["websocket"],
  perMessageDeflate: false,
  serveClient: false,
  maxHttpBufferSize: 65536,
  pingInterval: Number(process.env.BENCH_PING_MS),
  pingTimeout: 20000,
})

io.use((socket, next) => {
  try {
    const { sub } = jwt.verify(socket.handshake.auth.token, process.env.BENCH_SECRET, { algorithms: ["HS256"] })
    socket.data.user = sub
    next()
  } catch {
    next(new Error("a token is needed"))
  }
})

io.on("connection", (socket) => {
  socket.join(["lobby", "site", `user:${socket.data.user}`])
  socket.on("m", ({ room, text }) => {
    io.to("lobby").emit("m", { from: socket.data.user, room, at: Date.now(), text })
  })
})

server.listen(Number(process.argv[2]), "127.0.0.1", 4096)
