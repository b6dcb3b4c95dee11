// A Vite plugin for development only: it serves the pages that Django serves in earnest, so that `npm run dev` needs
// nothing but a Teahouse on port 8000 behind it. The real shell, with its content security policy, is Django's.

import type { Plugin } from 'vite'

const ENTRIES: Readonly<Record<string, string>> = {
  '/classic': 'src/classic/main.ts',
  '/sign-in': 'src/accounts/main.ts',
  '/setup': 'src/accounts/main.ts',
}
// Those with something of their own behind it.
const ENTRIES_BELOW: Readonly<Record<string, string>> = {
  '/invite/': 'src/accounts/main.ts',
}

export function devPages(): Plugin {
  return {
    name: 'teahouse-dev-pages',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const url = request.originalUrl ?? '/'
        const entry = entryOf(new URL(url, 'http://localhost').pathname)
        if (entry === undefined) {
          next()
          return
        }
        server.transformIndexHtml(url, shell(`/${entry}`)).then(
          html => response.setHeader('Content-Type', 'text/html').end(html),
          next,
        )
      })
    },
  }
}

function entryOf(path: string): string | undefined {
  if (path === '/' || /^\/(rooms|browse|saved|threads|notices|search|settings)(\/|$)/.test(path))
    return 'src/chat/main.ts'
  const below = Object.keys(ENTRIES_BELOW).find(start => path.startsWith(start))
  return ENTRIES[path] ?? (below === undefined ? undefined : ENTRIES_BELOW[below])
}

function shell(script: string): string {
  return `<!doctype html>
<html lang="zh-Hans">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Teahouse</title>
  </head>
  <body>
    <div id="app"></div>
    <script type="module" src="${script}"></script>
  </body>
</html>`
}
