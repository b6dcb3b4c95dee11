// What the WebSocket page of the yudao front end does, in our words: the same VueUse options, the same reading of
// frames. Written for tests, and so with the statuses it went through shown, and receivers chosen by number.
// Its address carries ?server=http://HOST:PORT&token=REFRESH_TOKEN, for upstream's build setting and storage.

import { createApp, h, ref, watch, watchEffect } from 'vue'
import { useWebSocket } from '@vueuse/core'

const given = new URLSearchParams(location.search)

const Page = {
  setup() {
    const server = ref(`${given.get('server')}/infra/ws`.replace('http', 'ws') + `?token=${given.get('token')}`)
    const { status, data, send, close, open } = useWebSocket(server.value, { autoReconnect: true, heartbeat: true })

    const statuses = ref([])
    const messages = ref([])
    const failures = ref([])
    const text = ref('')
    const receiver = ref('')

    watch(status, now => statuses.value.push(now), { immediate: true, flush: 'sync' })

    watchEffect(() => {
      if (!data.value || data.value === 'pong')
        return
      try {
        const frame = JSON.parse(data.value)
        const content = JSON.parse(frame.content)
        if (frame.type === 'demo-message-receive') {
          const kind = content.single ? '单发' : '群发'
          messages.value.unshift(`【${kind}】用户编号(${content.fromUserId})：${content.text}`)
        }
        else if (frame.type === 'notice-push') {
          messages.value.unshift(`【系统通知】：${content.title}`)
        }
        else {
          failures.value.push(`未处理消息：${data.value}`)
        }
      }
      catch (error) {
        failures.value.push(`处理消息发生异常：${data.value} ${error}`)
      }
    })

    function say() {
      const content = JSON.stringify({ text: text.value, toUserId: receiver.value })
      send(JSON.stringify({ type: 'demo-message-send', content }))
      text.value = ''
    }

    return () => [
      h('p', { id: 'status' }, status.value),
      h('p', { id: 'statuses' }, statuses.value.join(' ')),
      h('button', { id: 'toggle', onClick: () => status.value === 'OPEN' ? close() : open() }, '开启 / 关闭连接'),
      h('input', {
        id: 'receiver',
        value: receiver.value,
        // A number, or '' for everyone, as the upstream select gives it.
        onInput: ({ target }) => receiver.value = target.value === '' ? '' : Number(target.value),
      }),
      h('input', { id: 'text', value: text.value, onInput: ({ target }) => text.value = target.value }),
      h('button', { id: 'send', disabled: status.value !== 'OPEN', onClick: say }, '发送'),
      h('ul', { id: 'messages' }, messages.value.map((message, index) => h('li', { key: index }, message))),
      h('ul', { id: 'failures' }, failures.value.map((failure, index) => h('li', { key: index }, failure))),
    ]
  },
}

createApp(Page).mount('#app')
