// The entry of the three pages before the chat: /setup, /invite/SECRET and /sign-in. Which one it is, the address says.

import { createApp } from 'vue'
import '../ui/tokens.css'
import '../ui/base.css'
import { secretIn } from './invitation'
import InvitationPage from './InvitationPage.vue'
import SetupPage from './SetupPage.vue'
import SignInPage from './SignInPage.vue'
import './accounts.css'

const path = location.pathname
createApp(secretIn(path) !== null ? InvitationPage : path.startsWith('/setup') ? SetupPage : SignInPage).mount('#app')
