// The lightbox, loaded when somebody opens the first picture.

import { defineAsyncComponent } from 'vue'

// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- the linter, unlike vue-tsc, sees no components
export const ImageLightbox = defineAsyncComponent(() => import('./ImageLightbox.vue'))
