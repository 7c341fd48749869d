// Offers the time zone that the browser says it is in; nothing is sent unless its button is pressed.
//
//   <form method="post" data-zone="the zone in use" hidden><button name="zone"><bdi></bdi></button></form>

const form = document.querySelector("form[data-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (form && zone && zone !== form.dataset.zone) {
  const known = [...document.querySelectorAll("#zone option")].find((option) => option.value === zone);
  form.querySelector("button").value = zone;
  form.querySelector("bdi").textContent = known ? known.textContent : zone;
  form.hidden = false;
}
