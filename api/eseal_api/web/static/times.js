// Times stand in UTC; the reader's own go before them. Long numbers can be copied by a click.

const words = () => JSON.parse(document.getElementById("check")?.dataset.words || "{}");

/** Write the reader's own time before every time in `root`, and put a button behind every id. */
export function dress(root) {
  const said = words();
  for (const time of root.querySelectorAll("time[datetime]:not(.dressed)")) {
    time.classList.add("dressed");
    const local = localTime(new Date(time.dateTime));
    if (!local || !said.utc) continue;
    time.replaceChildren(
      piece("local", local),
      " ",
      piece("utc", said.utc.replace("{time}", time.textContent)),
    );
  }
  if (!navigator.clipboard) return;
  for (const id of root.querySelectorAll("code.id:not(.dressed)")) {
    id.classList.add("dressed");
    id.after(copyButton(id.textContent, said));
  }
}

function localTime(moment) {
  if (Number.isNaN(moment.valueOf()) || moment.getTimezoneOffset() === 0) return null;
  const page = document.documentElement.lang;
  const own = navigator.languages.find((tag) => tag.slice(0, 2) === page.slice(0, 2));
  const written = (options) => new Intl.DateTimeFormat(own || page, options);
  const zone = written({ timeZoneName: "short" }).formatToParts(moment);
  const { value } = zone.find((part) => part.type === "timeZoneName");
  const month = page === "en" ? "short" : "long";
  const clock = { hour: "numeric", minute: "2-digit", second: "2-digit" };
  const moments = written({ year: "numeric", month, day: "numeric", ...clock });
  return `${moments.format(moment)} ${value}`;
}

function piece(look, text) {
  const span = document.createElement("span");
  span.className = look;
  span.textContent = text;
  return span;
}

function copyButton(text, said) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = said.copy || "⧉";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = said.copied || "✓";
    document.getElementById("status")?.replaceChildren(said.copied || "");
  });
  return button;
}

dress(document);
