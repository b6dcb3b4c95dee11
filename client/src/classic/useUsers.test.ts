import { expect, test, vi } from 'vitest'
import type { ListedUser } from '../api/users'
import { useUsers } from './useUsers'

const ann: ListedUser = { id: 1, username: 'ann', name: '安' }
const bob: ListedUser = { id: 2, username: 'bob', name: '' }

test('a user without a display name goes by the username', async () => {
  const { names, readAgain } = useUsers(() => Promise.resolve([ann, bob]))
  await readAgain()
  expect([...names.value]).toEqual([[1, '安'], [2, 'bob']])
})

test('an unknown sender makes the list be read again, a known one does not', async () => {
  const fetchUsers = vi.fn(() => Promise.resolve([ann])).mockImplementationOnce(() => Promise.resolve([]))
  const { names, readAgain, seen } = useUsers(fetchUsers)
  await readAgain()
  await seen(1)
  expect(names.value.get(1)).toBe('安')
  await seen(1)
  expect(fetchUsers).toHaveBeenCalledTimes(2)
})

test('a sender who stays unknown is asked for once', async () => {
  const fetchUsers = vi.fn(() => Promise.resolve([ann]))
  const { seen } = useUsers(fetchUsers)
  await seen(99)
  await seen(99)
  expect(fetchUsers).toHaveBeenCalledTimes(1)
})

test('many unknown senders in one moment cost at most one reading after the one on its way', async () => {
  const fetchUsers = vi.fn(() => Promise.resolve([ann]))
  const { readAgain, seen } = useUsers(fetchUsers)
  await Promise.all([readAgain(), ...[7, 8, 9].map(seen)])
  expect(fetchUsers).toHaveBeenCalledTimes(2)
})

test('a failed reading is told, keeps what was there, and is mended by the next', async () => {
  const fetchUsers = vi.fn(() => Promise.resolve([ann]))
  const { users, hasFailed, readAgain } = useUsers(fetchUsers)
  await readAgain()
  fetchUsers.mockImplementationOnce(() => Promise.reject(new Error('gone')))
  await readAgain()
  expect([hasFailed.value, users.value]).toEqual([true, [ann]])
  await readAgain()
  expect(hasFailed.value).toBe(false)
})
