// Several models as tabs: one is shown, arrow keys choose another.

function showTabs() {
  const tabs = byId("tabs");
  const names = [...views.keys()];
  tabs.hidden = names.length < 2;
  if (!views.has(tab.name)) tab.name = names[0] ?? null;
  const shown = [...tabs.children].map((button) => button.textContent);
  if (JSON.stringify(shown) !== JSON.stringify(names)) tabs.replaceChildren(...names.map(tabOf));
  for (const button of tabs.children) {
    const isChosen = button.textContent === tab.name;
    button.setAttribute("aria-selected", String(isChosen));
    button.tabIndex = isChosen ? 0 : -1;
  }
  for (const [name, { section }] of views) {
    section.hidden = name !== tab.name;
    if (names.length > 1) section.setAttribute("role", "tabpanel");
    else section.removeAttribute("role");
  }
}

function tabOf(name) {
  const { section } = views.get(name);
  const button = element(
    "button",
    { type: "button", role: "tab", "aria-controls": section.id },
    name,
  );
  button.addEventListener("click", () => choose(name));
  button.addEventListener("keydown", ({ key }) => {
    const names = [...views.keys()];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step === undefined) return;
    choose(names[(names.indexOf(name) + step + names.length) % names.length]);
    byId("tabs").querySelector("[aria-selected=true]").focus();
  });
  return button;
}

function choose(name) {
  tab.name = name;
  showTabs();
}
