const PAGE = 200;

interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** The items of all pages of a list. */
export async function allOf<Item>(page: (wanted: { limit: number; after?: string }) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | null = null;
  do {
    const found: Page<Item> = await page({ limit: PAGE, ...(after !== null && { after }) });
    items.push(...found.items);
    after = found.next;
  } while (after !== null);
  return items;
}
