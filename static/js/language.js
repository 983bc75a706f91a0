// Which language a text is in, as far as its letters tell: fonts, line breaks and voices differ for Chinese and Japanese.

const SOME = 0.15;

/** Return "ja", "zh", or "" where the letters are neither's. */
export function languageOf(text) {
  const sample = text.slice(0, 2000);
  if (/[\u3040-\u30ff]/.test(sample)) return "ja";
  const han = sample.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  return letters && han / letters > SOME ? "zh" : "";
}

/** Say on `element` which language its text is in, where that is another than the page's. */
export function markLanguage(element) {
  const language = languageOf(element.textContent);
  if (language) element.lang = language;
}
