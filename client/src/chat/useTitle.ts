// The document's title and favicon say what is unread for me.

import { onScopeDispose, watch, type Ref } from 'vue'

export function useTitle({ title, count, hasDot }: {
  title: Readonly<Ref<string>>
  count: Readonly<Ref<number>>
  hasDot: Readonly<Ref<boolean>>
}): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  const plain = icon?.href ?? ''

  watch([title, count], () => document.title = count.value > 0 ? `(${count.value > 99 ? '99+' : count.value}) ${title.value}` : title.value,
    { immediate: true })
  watch(() => hasDot.value || count.value > 0, (is) => {
    if (icon !== null)
      icon.href = is ? plain.replace('favicon.svg', 'favicon-unread.svg') : plain
  }, { immediate: true })
  onScopeDispose(() => icon !== null && (icon.href = plain))
}
