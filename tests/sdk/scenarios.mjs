// What people do with the JavaScript SDK, against a server under test: `node scenarios.mjs SCENARIO CODEC`, with a JSON
// object of what it needs on the first line of stdin. Exit code 0 is success; anything else says on stderr what was
// expected. `say` and `told` are how a scenario and its test wait for each other.

import assert from 'node:assert/strict'
import readline from 'node:readline'
import WebSocket from 'ws'

const [scenario, codec] = process.argv.slice(2)
const { Centrifuge } = await import(codec === 'protobuf' ? 'centrifuge/build/protobuf' : 'centrifuge')
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const told = async () => (await lines.next()).value
const say = (word) => process.stdout.write(`${word}\n`)
const given = JSON.parse(await told())

const encode = (value) => (codec === 'protobuf' ? new TextEncoder().encode(JSON.stringify(value)) : value)
const decode = (data) => (codec === 'protobuf' ? JSON.parse(new TextDecoder().decode(data)) : data)

async function connectionToken() {
  const answer = await fetch(`${given.address}/api/auth/connection-token`, {
    method: 'POST',
    headers: { Authorization: given.bearer },
  })
  assert.equal(answer.status, 200)
  return (await answer.json()).token
}

function client(options = {}) {
  return new Centrifuge(`${given.address.replace('http', 'ws')}/connection/websocket`, {
    websocket: WebSocket,
    getToken: connectionToken,
    minReconnectDelay: 50,
    maxReconnectDelay: 300,
    ...options,
  })
}

const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve))

function collected(subscription, most) {
  return new Promise((resolve) => {
    const found = []
    subscription.on('publication', (context) => {
      found.push(decode(context.data))
      if (found.length === most) resolve(found)
    })
  })
}

async function code(promise) {
  try {
    await promise
  } catch (error) {
    return error.code
  }
  return 0
}

const scenarios = {
  async everyday() {
    const alice = client()
    const bob = client()
    const subscription = alice.newSubscription(given.channel, { joinLeave: true })
    const three = collected(subscription, 3)
    const joined = once(subscription, 'join')
    // The connect and subscribe commands leave in one frame.
    subscription.subscribe()
    alice.connect()
    bob.connect()
    await subscription.ready()
    const hello = await joined
    assert.equal(hello.info.user, '2')
    for (const number of [1, 2, 3]) await bob.publish(given.channel, encode({ number, text: '茶' }))
    assert.deepEqual(await three, [1, 2, 3].map((number) => ({ number, text: '茶' })))

    const history = await subscription.history({ limit: 2, since: { offset: 1, epoch: '' } })
    assert.deepEqual(history.publications.map((entry) => [entry.offset, decode(entry.data).number]), [[2, 2], [3, 3]])
    assert.equal(history.offset, 3)
    assert.deepEqual((await subscription.history({ limit: -1, reverse: true })).publications.map((entry) => entry.offset), [3, 2, 1])
    assert.equal(Object.values((await subscription.presence()).clients)[0].user, '2')
    assert.deepEqual(await subscription.presenceStats(), { numClients: 1, numUsers: 1 })
    assert.equal(await code(alice.rpc('x', encode({}))), 104)
    assert.equal(await code(alice.publish('strict:1', encode(1))), 103)
    const refused = alice.newSubscription('strict:1')
    const over = once(refused, 'unsubscribed')
    refused.subscribe()
    assert.equal((await over).code, 103)

    // All in one tick: what counts is the last word.
    for (let number = 0; number < 10; number++) {
      subscription.unsubscribe()
      subscription.subscribe()
    }
    await subscription.ready()
    for (let number = 0; number < 10; number++) {
      alice.disconnect()
      alice.connect()
    }
    await subscription.ready()
    await alice.ready()
    const another = collected(subscription, 1)
    await bob.publish(given.channel, encode('after the loops'))
    assert.deepEqual(await another, ['after the loops'])

    // Missed while away.
    alice.disconnect()
    await bob.publish(given.channel, encode('missed'))
    const missed = collected(subscription, 1)
    const back = once(subscription, 'subscribed')
    alice.connect()
    assert.deepEqual([(await back).wasRecovering, (await missed)[0]], [true, 'missed'])
    alice.disconnect()
    bob.disconnect()
  },

  async refresh() {
    // The second of the tokens is the last; `last` is told when it is asked for.
    const tokensOf = ([first, second]) => {
      let next = () => ((next = () => (renewed(), second)), first)
      let renewed
      const last = new Promise((resolve) => (renewed = resolve))
      return { next: async () => next(), last }
    }
    const own = tokensOf(given.tokens)
    const ofChannel = tokensOf(given.channelTokens)
    const alice = client({ getToken: own.next })
    const subscription = alice.newSubscription(given.channel, {
      getToken: ofChannel.next,
    })
    let ends = 0
    alice.on('disconnected', () => ends++).on('connecting', () => ends++)
    subscription.subscribe()
    alice.connect()
    await subscription.ready()
    await Promise.all([own.last, ofChannel.last])
    // Answered behind the refresh.
    assert.deepEqual(await alice.history(given.readable, { limit: 0 }).then((page) => page.publications), [])
    assert.deepEqual([alice.state, subscription.state, ends], ['connected', 'subscribed', 1])
    alice.disconnect()
  },

  async restart() {
    const bob = client()
    const kept = bob.newSubscription(given.channel)
    // The server's own subscription, which every connection of bob's has.
    const subscribed = () => new Promise((resolve) => bob.on('subscribed', (context) => context.channel === 'user:3' && resolve(context)))
    const first = subscribed()
    kept.subscribe()
    bob.connect()
    await kept.ready()
    await first
    const found = new Promise((resolve) => {
      const heard = []
      bob.on('publication', ({ channel, data }) => {
        const publication = decode(data)
        if (channel !== 'user:3' || publication.kind !== 'message.rang') return
        heard.push(publication)
        if (heard.length === 2) resolve(heard)
      })
    })
    const both = Promise.all([once(kept, 'subscribed'), subscribed()])
    say('subscribed')
    const [lost, recovered] = await both
    // Memory forgets, the site's own history does not.
    assert.deepEqual([lost.wasRecovering, lost.recovered], [true, false])
    assert.deepEqual([recovered.wasRecovering, recovered.recovered], [true, true])
    say((await found).map((publication) => JSON.stringify(publication)).join(' '))
    const over = once(bob, 'disconnected')
    say('back')
    // Signed out now: it stays away.
    assert.equal((await over).code, 3503)
  },
}

setTimeout(() => {
  process.stderr.write('not within 20 s\n')
  process.exit(1)
}, 20_000).unref()
await scenarios[scenario]()
process.exit(0)
