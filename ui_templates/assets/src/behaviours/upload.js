// Files by choosing, dropping or pasting:
//
//   <form data-upload="/where/they/go" data-upload-refresh="/what/is/shown/then"><input type="file" name="file" multiple>
//
// Each file is a request of its own, one after the other, so that one that is refused does not take the others with it.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { show } from './messages.js';
import { text } from './texts.js';

let sending = false;

export function start() {
  document.addEventListener('change', ({ target }) => {
    const form = target.closest?.('form[data-upload]');
    if (form && target.type === 'file') send(form, [...target.files]);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target.closest?.('form[data-upload]');
    if (!form) return;
    event.preventDefault();
    send(form, [...form.querySelector('input[type=file]').files]);
  });
  document.addEventListener('dragover', (event) => over(event, true));
  document.addEventListener('dragleave', (event) => over(event, false));
  document.addEventListener('drop', (event) => {
    const form = place(event);
    if (!form || !event.dataTransfer.files.length) return;
    event.preventDefault();
    form.classList.remove('is-over');
    send(form, [...event.dataTransfer.files]);
  });
  document.addEventListener('paste', (event) => {
    const form = document.querySelector('form[data-upload]');
    const files = [...(event.clipboardData?.files ?? [])];
    if (!form || !files.length || event.target.closest?.('dialog')) return;
    event.preventDefault();
    send(form, files.map(named));
  });
}

// A file may be dropped anywhere on what stands beside the record.
function place(event) {
  if (![...(event.dataTransfer?.types ?? [])].includes('Files')) return null;
  return event.target.closest?.('.activity')?.querySelector('form[data-upload]');
}

function over(event, isOver) {
  const form = place(event);
  if (!form) return;
  event.preventDefault();
  form.classList.toggle('is-over', isOver);
}

// A pasted picture is called image.png, as all of them are.
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const now = new Date();
  const moment = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  return new File([file], `${moment}.${file.name.split('.').pop()}`, { type: file.type });
}

async function send(form, files) {
  if (sending || !files.length) return;
  sending = true;
  try {
    for (const file of files) await one(form, file);
  } finally {
    sending = false;
    form.querySelector('.upload-progress').replaceChildren();
    form.reset();
  }
  const target = document.getElementById('activity');
  htmx.ajax('GET', form.dataset.uploadRefresh, { target, swap: 'outerHTML', source: target });
}

function one(form, file) {
  const request = new XMLHttpRequest();
  const bar = document.createElement('progress');
  bar.max = 1;
  const label = document.createElement('span');
  label.textContent = file.name;
  form.querySelector('.upload-progress').replaceChildren(label, bar);
  const body = new FormData();
  body.append('file', file, file.name);
  return new Promise((done) => {
    request.upload.addEventListener('progress', ({ loaded, total }) => { bar.value = loaded / total; });
    request.addEventListener('loadend', () => {
      if (request.status !== 204) show(said(request), 'negative');
      done();
    });
    request.open('POST', form.dataset.upload);
    request.setRequestHeader('HX-Request', 'true');
    request.setRequestHeader('X-CSRF-Token', document.querySelector('meta[name="csrf-token"]').content);
    request.send(body);
  });
}

function said(request) {
  if (!request.status) return text('unreachable');
  try {
    return JSON.parse(request.responseText).detail || text('failed');
  } catch {
    return text('failed');
  }
}
