import { expect, test } from 'vitest'
import { classicAddress, withToken } from './address'

test.each([
  ['http:', 'localhost:8000', 'ws://localhost:8000/infra/ws'],
  ['https:', 'tea.example', 'wss://tea.example/infra/ws'],
])('a page from %s//%s connects to %s', (protocol, host, address) => {
  expect(classicAddress({ protocol, host })).toBe(address)
})

test('a token is escaped', () => {
  expect(withToken('ws://a/infra/ws', 'a+b=&c')).toBe('ws://a/infra/ws?token=a%2Bb%3D%26c')
})
