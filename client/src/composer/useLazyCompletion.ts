// The completion, loaded when the box is first looked at: before the first message nobody needs it. Until it is there,
// nothing is completed.

import { computed, getCurrentScope, shallowRef } from 'vue'
import type { Edit, Selected } from './edit'
import type { useCompletion } from './useCompletion'

export function useLazyCompletion(options: Parameters<typeof useCompletion>[0]) {
  const scope = getCurrentScope()
  const loaded = shallowRef<ReturnType<typeof useCompletion> | null>(null)
  let loading: Promise<void> | null = null

  /** Again after it has failed, as it does without a network. */
  function load(): Promise<void> {
    loading ??= import('./useCompletion').then(
      (module) => { loaded.value = scope?.run(() => module.useCompletion(options)) ?? null },
      () => { loading = null },
    )
    return loading
  }

  function look(selected: () => Selected): void {
    if (loaded.value === null)
      void load().then(() => loaded.value?.look(selected()))
    else
      loaded.value.look(selected())
  }

  return {
    choices: computed(() => loaded.value?.choices.value ?? []),
    active: computed(() => loaded.value?.active.value ?? 0),
    kind: computed(() => loaded.value?.kind.value ?? 'person'),
    isOpen: computed(() => loaded.value?.isOpen.value ?? false),
    load,
    look,
    choose: (selected: Selected, index?: number): Edit | null => loaded.value?.choose(selected, index) ?? null,
    pressed: (key: KeyboardEvent, selected: Selected) => loaded.value?.pressed(key, selected) ?? null,
    close: () => loaded.value?.close(),
  }
}
