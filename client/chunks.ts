// Which file a module is built into. What the chat loads before its first message is two files: `base`, which the other
// pages load too, and `chat`; the few requests matter more on a slow line than the bytes. All else is split by who needs it.

import { fileURLToPath } from 'node:url'

interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null
}

/** For rolldown's `codeSplitting.groups`: of modules that are loaded lazily or by other pages only, null. */
export function firstChunks(chat: string, others: readonly string[]): (id: string, modules: Modules) => string | null {
  let needed: { readonly chat: ReadonlySet<string>, readonly others: ReadonlySet<string> } | null = null
  return (id, modules) => {
    needed ??= { chat: imported([chat], modules), others: imported(others, modules) }
    if (!needed.chat.has(id))
      return null
    return needed.others.has(id) ? 'base' : 'chat'
  }
}

/** These sources with all that they import, not what they import lazily. */
function imported(sources: readonly string[], modules: Modules): ReadonlySet<string> {
  const found = new Set(sources.map(source => fileURLToPath(new URL(source, import.meta.url))))
  for (const id of found)
    modules.getModuleInfo(id)?.importedIds.forEach(next => found.add(next))
  return found
}
