// Before anything is drawn: what needs scripts shows, what stands in for it does not.
document.documentElement.classList.add("scripted");
