// Words of the page's language, from <script type="application/json" id="texts">, else English.
const ENGLISH = {
  confirm: 'Confirm',
  cancel: 'Cancel',
  leave: 'There are changes that are not saved. Leave the page?',
  restored: 'What you had typed is back. It is not saved yet.',
  unreachable: 'The server cannot be reached. Check the connection and try again.',
  failed: 'That did not work. Try again, and tell the administrator if it happens again.',
};

let texts;

export function text(name) {
  texts ??= { ...ENGLISH, ...JSON.parse(document.getElementById('texts')?.textContent ?? '{}') };
  return texts[name];
}
