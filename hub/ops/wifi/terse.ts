/**
 * Rows of `nmcli --terse`: fields apart by colons, in which `\:` is a colon and `\\` a backslash (nmcli(1), options -t and -e).
 */

/** The fields of one line, with their escapes undone. */
export function terseFields(line: string): string[] {
  const fields: string[] = [''];
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === ':') fields.push('');
    else if (character === '\\' && at + 1 < line.length) fields[fields.length - 1] += line[++at]!;
    else fields[fields.length - 1] += character;
  }
  return fields;
}

/** All rows that have as many fields as were asked for; hints and empty lines that nmcli may put between them have not. */
export function terseRows(output: string, fields: number): string[][] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map(terseFields)
    .filter((row) => row.length === fields);
}
