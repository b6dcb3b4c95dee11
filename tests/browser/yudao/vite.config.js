// Builds the page beside this file with the packages of client/. Where to, the command says (--outDir).

import { resolve } from 'node:path'

const packages = resolve(import.meta.dirname, '../../../client/node_modules')

export default {
  root: import.meta.dirname,
  resolve: {
    alias: {
      'vue': `${packages}/vue/dist/vue.runtime.esm-bundler.js`,
      '@vueuse/core': `${packages}/@vueuse/core`,
    },
  },
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  logLevel: 'warn',
  build: { target: 'es2022', minify: false, modulePreload: false, reportCompressedSize: false },
}
