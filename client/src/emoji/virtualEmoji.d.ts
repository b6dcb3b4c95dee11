// The modules that the plugin of emojiData.ts makes; see there for what the columns are.

declare module 'virtual:emoji/en' {
  const rows: readonly (readonly [string, string, string, string, number, 0 | 1])[]
  export default rows
}

declare module 'virtual:emoji/zh' {
  const rows: readonly (readonly [string, string])[]
  export default rows
}
