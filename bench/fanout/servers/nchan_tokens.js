// Whether the token of a request is valid and names its user: JWT with HS256 (RFC 7519).
import crypto from "crypto"

function subjectOf(token) {
  const parts = token.split(".")
  if (parts.length !== 3) return null
  const signature = crypto.createHmac("sha256", process.env.BENCH_SECRET).update(`${parts[0]}.${parts[1]}`)
  if (signature.digest("base64url") !== parts[2]) return null
  const header = JSON.parse(Buffer.from(parts[0], "base64url").toString())
  const claims = JSON.parse(Buffer.from(parts[1], "base64url").toString())
  return header.alg === "HS256" && claims.exp > Date.now() / 1000 ? claims.sub : null
}

function verify(request) {
  const subject = subjectOf(request.args.token || "")
  request.return(subject !== null && subject === request.args.user ? 200 : 403)
}

export default { verify }
