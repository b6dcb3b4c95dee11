// The entry of the chat: /, /rooms/... and what is beside them.

import { createApp } from 'vue'
import '../ui/tokens.css'
import '../ui/base.css'
import './chat.css'
import '../messages/messages.css'
import '../rooms/rooms.css'
import { reloadOnceForLostParts, startServiceWorker } from '../app/starting'
import ChatApp from './ChatApp.vue'
import { chatRouter } from './router'

reloadOnceForLostParts()
startServiceWorker()
// On a phone reading this much and building the page are a task each, between which a touch is heard.
setTimeout(() => createApp(ChatApp).use(chatRouter()).mount('#app'))
