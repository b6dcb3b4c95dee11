// The entry of /classic, the page of the article: one connection, one list.

import { createApp } from 'vue'
import '../ui/tokens.css'
import '../ui/base.css'
import SessionGate from './SessionGate.vue'
import './classic.css'

createApp(SessionGate).mount('#app')
