import { expect, test } from 'vitest'
import { commandList, type Command } from './commands'

const command = (name: string, label = name): Command => ({ name, label, icon: 'hash', run: () => undefined })

test('A3 commands of features are listed as long as these are there, a later one in the place of its name', () => {
  const { commands, add } = commandList()
  add(() => [command('browse'), command('settings')])
  const remove = add(() => [command('settings', 'mine'), command('newRoom')])
  expect(commands.value.map(({ label }) => label)).toEqual(['browse', 'mine', 'newRoom'])
  remove()
  expect(commands.value.map(({ label }) => label)).toEqual(['browse', 'settings'])
})
