// Offers a live camera beside a file field. Choosing a file always stays, a picture is taken only when the button
// is pressed, and nothing leaves the page before the form is sent. Words come from the field's data attributes.

function button(words, className) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn act ${className}`;
  made.textContent = words;
  return made;
}

function offer(field) {
  const input = field.querySelector("input[type=file]");
  const words = field.dataset;
  const open = button(words.cameraOpen, "act-plain camera-open");
  const says = document.createElement("p");
  says.className = "field-hint";
  says.setAttribute("role", "status");
  const box = document.createElement("div");
  box.className = "camera";
  box.hidden = true;
  input.after(open, says, box);
  let stream = null;
  let shown = null;

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  }

  function close() {
    stop();
    if (shown) URL.revokeObjectURL(shown);
    shown = null;
    box.replaceChildren();
    box.hidden = true;
    open.hidden = false;
  }

  async function start() {
    close();
    const wanted = { video: { facingMode: words.camera, width: { ideal: 1920 } }, audio: false };
    try {
      stream = await navigator.mediaDevices.getUserMedia(wanted);
    } catch {
      says.textContent = words.cameraFailed;
      return;
    }
    const video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    const take = button(words.cameraTake, "act-primary");
    const leave = button(words.cameraClose, "act-plain");
    const acts = document.createElement("div");
    acts.className = "acts";
    acts.append(take, leave);
    box.replaceChildren(video, acts);
    box.hidden = false;
    open.hidden = true;
    says.textContent = words.cameraLive;
    take.addEventListener("click", () => capture(video));
    leave.addEventListener("click", () => {
      close();
      says.textContent = "";
      open.focus();
    });
    await video.play().catch(() => {});
    take.focus();
  }

  function capture(video) {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    if (!canvas.width) return;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((picture) => {
      stop();
      const files = new DataTransfer();
      files.items.add(new File([picture], `${input.name}.jpg`, { type: "image/jpeg" }));
      input.files = files.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      const image = document.createElement("img");
      shown = URL.createObjectURL(picture);
      image.src = shown;
      image.alt = words.cameraTaken;
      const again = button(words.cameraAgain, "act-plain");
      again.addEventListener("click", start);
      const acts = document.createElement("div");
      acts.className = "acts";
      acts.append(again);
      box.replaceChildren(image, acts);
      says.textContent = words.cameraTaken;
      again.focus();
    }, "image/jpeg", 0.92);
  }

  open.addEventListener("click", start);
  addEventListener("pagehide", stop);
}

if (navigator.mediaDevices?.getUserMedia) {
  for (const field of document.querySelectorAll("[data-camera]")) offer(field);
}
