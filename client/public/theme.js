// Sets the chosen theme before anything is painted: a classic script in the head, since modules come too late and inline
// scripts are forbidden. What is chosen, and kept under this name, is the matter of src/settings/.
try {
  const { theme } = JSON.parse(localStorage.getItem('teahouse-settings') ?? '{}')
  if (theme === 'light' || theme === 'dark')
    document.documentElement.dataset.theme = theme
}
catch {
  // Then the system's.
}
