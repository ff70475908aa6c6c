/* classname.h - a file of Java's family as the class that it holds. */
#ifndef CONFIG_CLASSNAME_H
#define CONFIG_CLASSNAME_H
#include <stdbool.h>

#include "shards/base/text.h"

/* Append "com.shop.CartTest" for "src/test/java/com/shop/CartTest.java": what stands before the
 * package is src/ANY/java/ (or kotlin, groovy, scala), classes/ or test-classes/; without any of
 * them the path is that of the package itself. */
void classname_add(struct text_buf *out, const char *path);

/* Can it be a class's name, and so neither a pattern nor a list where one is expected? */
bool classname_is_plain(const char *path);
#endif
