/** What a script that was just written says of its rows, until its author says what one is. */
export const grain = 'One row per … (say what one row stands for).'
