// data-theme-choice="light", "dark" or "system" on a button. The choice is kept in the cookie `theme`, so that
// the server writes <html data-bs-theme="dark"> itself and no page flashes. Without a choice the system decides.

const YEAR = 31536000;

export function start() {
  document.addEventListener('click', (event) => {
    const choice = event.target.closest('[data-theme-choice]')?.dataset.themeChoice;
    if (choice) choose(choice);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell);
}

function choose(choice) {
  const page = document.documentElement;
  if (choice === 'system') delete page.dataset.bsTheme;
  else page.dataset.bsTheme = choice;
  const age = choice === 'system' ? 0 : YEAR;
  document.cookie = `theme=${choice}; path=/; max-age=${age}; samesite=lax`;
  tell();
}

function tell() {
  document.dispatchEvent(new CustomEvent('theme:changed'));
}
