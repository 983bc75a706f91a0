// The words that scripts say about answers. They stand in the page, translated, so that no script holds a sentence of its own.

const { dataset } = document.getElementById("answer-template") ?? { dataset: {} };
const plural = new Intl.PluralRules(document.documentElement.lang || "en");

export const words = dataset;

/** Say `number` of `things` in the right form: `counted("passages", 1)` is "1 passage". */
export function counted(things, number) {
  const form = plural.select(number) === "one" ? "One" : "Other";
  return (dataset[things + form] ?? dataset[`${things}Other`]).replace("{n}", number);
}
