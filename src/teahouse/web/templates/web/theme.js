// Sets the chosen theme before anything is painted: inline in the head, since modules and files come too late; the
// policy allows this one by its hash. What is chosen, and kept under this name, is the matter of src/settings/.
try {
  const { theme } = JSON.parse(localStorage.getItem('teahouse-settings') ?? '{}')
  if (theme === 'light' || theme === 'dark')
    document.documentElement.dataset.theme = theme
}
catch {
  // Then the system's.
}
