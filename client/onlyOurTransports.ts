// A Vite plugin that leaves out of the `centrifuge` client the ways to a server that the chat never takes. All of them
// hang on one switch by name, so nothing but that keeps a bundler from seeing that they are unused.

import type { Plugin } from 'vite'

const MODULE = /node_modules\/centrifuge\/build\/index\.mjs$/
// See chat/useChat.ts: it goes by `websocket`, else by `http_stream`.
const UNUSED = /case '(webtransport|sse|sockjs)':\s*return new \w+\(endpoint, \{[^}]*\}\);/g
const COUNT = 3

export function onlyOurTransports(): Plugin {
  return {
    name: 'teahouse-only-our-transports',
    apply: 'build',
    transform(code, id) {
      if (!MODULE.test(id))
        return undefined
      const found = code.match(UNUSED)?.length ?? 0
      if (found !== COUNT)
        throw new Error(`centrifuge has ${found} of the ${COUNT} transports that are to be left out`)
      return { code: code.replace(UNUSED, 'case \'$1\':'), map: null }
    },
  }
}
