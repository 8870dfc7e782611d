/** JSON that the report put into the page. */
export function embedded<T>(id: string): T | undefined {
  const found = document.getElementById(id);
  return found === null ? undefined : (JSON.parse(found.textContent ?? 'null') as T);
}
