/* api.h -- the handlers of the JSON API; the routes that lead to them are in
 * appd/route.c. Each reads what was asked, calls the model and writes the answer. */
#ifndef APPD_API_API_H
#define APPD_API_API_H

struct request;

/* user.c */
void api_user_add(struct request *q);
void api_user_login(struct request *q);
void api_user(struct request *q);
void api_user_change(struct request *q);
/* profile.c */
void api_profile(struct request *q);
void api_follow(struct request *q);
void api_unfollow(struct request *q);
/* article.c */
void api_articles(struct request *q);
void api_feed(struct request *q);
void api_article(struct request *q);
void api_article_add(struct request *q);
void api_article_change(struct request *q);
void api_article_delete(struct request *q);
void api_favorite(struct request *q);
void api_unfavorite(struct request *q);
void api_tags(struct request *q);
/* comment.c */
void api_comments(struct request *q);
void api_comment_add(struct request *q);
void api_comment_delete(struct request *q);
/* openapi.c */
void api_openapi(struct request *q);

#endif
