// Which language a text is in, as far as its letters tell: fonts, line breaks and voices differ for Chinese and Japanese.

const SOME = 0.15;
// In a Chinese page Latin text must say that it is none, or its quotation marks are drawn as wide as Chinese ones.
const ELSE = /^(?:zh|ja)/.test(document.documentElement.lang) ? "en" : "";

/** Return "ja", "zh", or where the letters are neither's "en" in a page that is, "" in any other. */
export function languageOf(text) {
  const sample = text.slice(0, 2000);
  if (/[\u3040-\u30ff]/.test(sample)) return "ja";
  const han = sample.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  return letters && han / letters > SOME ? "zh" : ELSE;
}

/** Say on `element` which language its text is in, where that is another than the page's. */
export function markLanguage(element) {
  const language = languageOf(element.textContent);
  if (language) element.lang = language;
}
