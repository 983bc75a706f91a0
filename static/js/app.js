// What every page runs. Each behaviour is a file of its own; nothing but their order belongs here.
import "./dialog.js";
import "./menu.js";
import "./toast.js";
import "./copy.js";
import "./theme.js";
import "./save_when_changed.js";
import "./shortcuts.js";
