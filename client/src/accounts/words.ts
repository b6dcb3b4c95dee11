// The texts of the pages for signing in, for setting up and for an invitation.

interface AccountsWords {
  readonly signInTitle: string
  readonly signIn: string
  readonly signingIn: string
  readonly wrongCredentials: string
  readonly setupTitle: string
  readonly setupExplanation: string
  readonly setupCode: string
  readonly setupCodeHint: string
  readonly wrongSetupCode: string
  readonly setUp: string
  readonly settingUp: string
  readonly title: (invitedBy: string | null, room: string) => string
  /** To the lobby, which is to the site. */
  readonly titleOfSite: (invitedBy: string | null) => string
  readonly members: (count: number) => string
  readonly checking: string
  readonly name: string
  readonly nameHint: string
  readonly usernameHint: string
  readonly passwordHint: string
  readonly join: string
  readonly joining: string
  readonly joinAs: (name: string) => string
  readonly haveAccount: string
  readonly otherAccount: string
  readonly deadTitle: string
  readonly dead: string
  readonly toHome: string
  readonly banned: string
  readonly full: string
}

export const WORDS: Readonly<Record<'zh-Hans' | 'en', AccountsWords>> = {
  'zh-Hans': {
    signInTitle: '登录茶馆',
    signIn: '登录',
    signingIn: '正在登录…',
    wrongCredentials: '用户名或密码不对。',
    setupTitle: '开一间茶馆',
    setupExplanation: '这里创建馆主的账号。馆主可以添加其他人、发布通知，并管理整个站点。',
    setupCode: '启动码',
    setupCodeHint: '启动茶馆的终端里打印的那串代码。',
    wrongSetupCode: '启动码不对。',
    setUp: '创建账号',
    settingUp: '正在创建…',
    title: (invitedBy, room) => invitedBy === null ? `邀请你加入“${room}”` : `${invitedBy} 邀请你加入“${room}”`,
    titleOfSite: invitedBy => invitedBy === null ? '邀请你来茶馆' : `${invitedBy} 邀请你来茶馆`,
    members: count => `已有 ${count} 人。`,
    checking: '正在查看邀请…',
    name: '你的名字',
    nameHint: '别人看到的名字。',
    usernameHint: '登录时用。',
    passwordHint: '至少 8 个字符。',
    join: '加入',
    joining: '正在加入…',
    joinAs: name => `以 ${name} 的身份加入`,
    haveAccount: '我已有账号，去登录',
    otherAccount: '换一个账号',
    deadTitle: '邀请已失效',
    dead: '这个邀请链接不对、已过期、已用完，或已被撤回。请向邀请你的人要一个新链接。',
    toHome: '前往茶馆',
    banned: '你现在不能进入这个房间。可以联系房间的管理员。',
    full: '你加入的房间已达上限，请先退出一个。',
  },
  en: {
    signInTitle: 'Sign in to Teahouse',
    signIn: 'Sign in',
    signingIn: 'Signing in…',
    wrongCredentials: 'The username or the password is wrong.',
    setupTitle: 'Open your teahouse',
    setupExplanation: 'This makes the owner’s account. The owner can add people, push notices and manage the whole site.',
    setupCode: 'Setup code',
    setupCodeHint: 'The code printed in the terminal where Teahouse was started.',
    wrongSetupCode: 'The setup code is wrong.',
    setUp: 'Create account',
    settingUp: 'Creating…',
    title: (invitedBy, room) => invitedBy === null ? `You are invited to “${room}”` : `${invitedBy} invites you to “${room}”`,
    titleOfSite: invitedBy => invitedBy === null ? 'You are invited to the teahouse' : `${invitedBy} invites you to the teahouse`,
    members: count => count === 1 ? 'One person is there.' : `${count} people are there.`,
    checking: 'Looking at the invitation…',
    name: 'Your name',
    nameHint: 'What others see.',
    usernameHint: 'What you sign in with.',
    passwordHint: 'At least 8 characters.',
    join: 'Join',
    joining: 'Joining…',
    joinAs: name => `Join as ${name}`,
    haveAccount: 'I have an account: sign in',
    otherAccount: 'Use another account',
    deadTitle: 'This invitation is no longer good',
    dead: 'The link is not right, has expired, was used up or was revoked. Ask whoever invited you for a new one.',
    toHome: 'Go to the teahouse',
    banned: 'You may not enter this room at present. Its moderators can tell you more.',
    full: 'You are in as many rooms as there may be. Leave one first.',
  },
}
