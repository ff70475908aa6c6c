/* placeholder.c - stands in a folder's source list until it has sources; removed with the last. */
extern int placeholder;
