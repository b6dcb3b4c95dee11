// A Vite plugin that writes .br and .gz beside every built script and style sheet, so that the server sends them
// as they lie on the disk. Used by vite.config.ts only; it changes nothing of the build itself.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

export function compress(): Plugin {
  return {
    name: 'teahouse-compress',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      if (dir === undefined)
        return
      const names = Object.keys(bundle).filter(name => /\.(?:js|css)$/.test(name))
      await Promise.all(names.map(name => compressFile(join(dir, name))))
    },
  }
}

const brotliAsync = promisify(brotliCompress)
const gzipAsync = promisify(gzip)

async function compressFile(path: string): Promise<void> {
  const content = await readFile(path)
  await Promise.all([
    brotliAsync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }).then(compressed => writeFile(`${path}.br`, compressed)),
    gzipAsync(content, { level: 9 }).then(compressed => writeFile(`${path}.gz`, compressed)),
  ])
}
