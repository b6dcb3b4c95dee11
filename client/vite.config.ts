// How the pages are built: three entries, hashed into the package's static files, with a manifest from which Django
// writes the tags. Compression is in compress.ts, the development server's pages are in devPages.ts.

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { firstChunks } from './chunks.ts'
import { compress } from './compress.ts'
import { devPages } from './devPages.ts'
import { emojiData } from './emojiData.ts'
import { onlyOurTransports } from './onlyOurTransports.ts'

const DJANGO = 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/static/teahouse/',
  plugins: [vue(), emojiData(), onlyOurTransports(), compress(), devPages()],
  define: { __VUE_OPTIONS_API__: 'false' },
  build: {
    // Named, because Vite's default folder begins with a dot and collectstatic passes over it.
    manifest: 'manifest.json',
    outDir: '../src/teahouse/web/static/teahouse',
    emptyOutDir: true,
    // Who wrote what is built in, and on what terms; emojiData.ts adds its own.
    license: { fileName: 'licences.md' },
    target: 'es2022',
    // Nothing is inlined: the content security policy allows no data: scripts, and files are cached for ever.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { chat: 'src/chat/main.ts', classic: 'src/classic/main.ts', accounts: 'src/accounts/main.ts' },
      output: {
        codeSplitting: {
          groups: [{ name: firstChunks('src/chat/main.ts', ['src/classic/main.ts', 'src/accounts/main.ts']), includeDependenciesRecursively: false }],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': DJANGO,
      '/infra': { target: DJANGO, ws: true },
      '/admin': DJANGO,
    },
  },
  test: {
    environment: 'happy-dom',
    // `npm run stories` needs what the server's tests have written.
    include: [process.env.STORIES === undefined ? 'src/**/*.test.ts' : 'src/**/*.stories.ts'],
  },
})
