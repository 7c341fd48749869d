// Makes and uses passkeys. The server gives the options and judges the answer; this only asks the browser.
//
//   <form method="post" data-passkey="create" | "get" data-passkey-options="{JSON of WebAuthn Level 3}"
//         data-passkey-failed="words for the reader">
//     <input type="hidden" name="credential"> <button>…</button> <p data-passkey-says role="status"></p>
//   </form>
// Instead of the options, `data-passkey-from` names where on this site they are fetched (by POST, with the form's
// fields). A form that is marked `hidden` is shown when the browser can do it; without this script it stays hidden.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const named = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

function toCreate(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  };
}

function toGet(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
}

function answer(credential) {
  if (credential.toJSON) return credential.toJSON();
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[name]) response[name] = text(given[name]);
  }
  if (given.getTransports) response.transports = given.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function options(form) {
  if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions);
  const reply = await fetch(form.dataset.passkeyFrom, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    credentials: "same-origin",
    mode: "same-origin",
  });
  if (!reply.ok) throw new Error(String(reply.status));
  return reply.json();
}

async function ask(form) {
  const asked = await options(form);
  const publicKey = form.dataset.passkey === "create" ? toCreate(asked) : toGet(asked);
  const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
  form.elements.namedItem("credential").value = JSON.stringify(answer(credential));
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const says = form.querySelector("[data-passkey-says]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (says) says.textContent = "";
    form.setAttribute("aria-busy", "true");
    ask(form)
      .catch(() => {
        if (says) says.textContent = form.dataset.passkeyFailed ?? "";
      })
      .finally(() => form.removeAttribute("aria-busy"));
  });
}
