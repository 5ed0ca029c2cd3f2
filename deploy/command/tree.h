/* tree.h -- whole folders: hash, copy, remove. */
#ifndef DEPLOY_COMMAND_TREE_H
#define DEPLOY_COMMAND_TREE_H

#include <stdbool.h>
#include <stdint.h>

#define TREE_HASH_START 14695981039346656037U

/* Names and bytes of all files below, in an order that does not depend on the disk, are
 * mixed into *h. false with errno. */
bool tree_hash(const char *folder, uint64_t *h);
/* Regular files and folders only, readable to all. false with errno. */
bool tree_copy(const char *from, const char *to);
void tree_remove(const char *folder);
/* Like mkdir -p. false with errno. */
bool tree_make_folder(const char *path);

#endif
