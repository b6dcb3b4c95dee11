// The preview of a text: asked of the server, which alone renders Markdown. Only the last one asked for is shown.

import { shallowRef } from 'vue'

export type Preview = { readonly is: 'asked' } | { readonly is: 'shown', readonly html: string } | { readonly is: 'failed' }

export function usePreview(render: (body: string) => Promise<string>) {
  const preview = shallowRef<Preview | null>(null)

  async function show(body: string): Promise<void> {
    const asked: Preview = { is: 'asked' }
    preview.value = asked
    let answer: Preview
    try {
      answer = { is: 'shown', html: await render(body) }
    }
    catch {
      answer = { is: 'failed' }
    }
    if (preview.value === asked)
      preview.value = answer
  }

  return { preview, show, hide: () => { preview.value = null } }
}
