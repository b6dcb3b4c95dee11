// The entry of the two pages before the chat: /setup and /sign-in. Which one it is, the address says.

import { createApp } from 'vue'
import '../ui/tokens.css'
import '../ui/base.css'
import SetupPage from './SetupPage.vue'
import SignInPage from './SignInPage.vue'
import './accounts.css'

createApp(location.pathname.startsWith('/setup') ? SetupPage : SignInPage).mount('#app')
