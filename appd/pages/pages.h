/* pages.h -- the handlers of pages; the routes that lead to them are in appd/route.c. */
#ifndef APPD_PAGES_PAGES_H
#define APPD_PAGES_PAGES_H

struct request;

/* home.c */
void page_home(struct request *q);
void page_tag(struct request *q);
void page_tags(struct request *q);
/* article.c */
void page_article(struct request *q);
void page_article_delete(struct request *q);
void page_favorite(struct request *q);
void page_unfavorite(struct request *q);
void page_comment_add(struct request *q);
void page_comment_delete(struct request *q);
/* profile.c */
void page_profile(struct request *q);
void page_profile_favorites(struct request *q);
void page_follow(struct request *q);
void page_unfollow(struct request *q);
/* account.c */
void page_login(struct request *q);
void page_login_post(struct request *q);
void page_register(struct request *q);
void page_register_post(struct request *q);
void page_logout(struct request *q);
/* settings.c */
void page_settings(struct request *q);
void page_settings_post(struct request *q);
void page_session_delete(struct request *q);
/* editor.c */
void page_editor(struct request *q);
void page_editor_change(struct request *q);
void page_editor_post(struct request *q);
void page_editor_change_post(struct request *q);
void page_draft(struct request *q);
void page_draft_post(struct request *q);
/* drafts.c */
void page_drafts(struct request *q);
void page_draft_delete(struct request *q);
/* revisions.c */
void page_revisions(struct request *q);
void page_revision_restore(struct request *q);
/* feed.c */
void page_feed(struct request *q);
void page_tag_feed(struct request *q);
void page_profile_feed(struct request *q);
void page_comments_feed(struct request *q);
void page_robots(struct request *q);
void page_sitemap(struct request *q);
/* search.c */
void page_search(struct request *q);
/* leave.c */
void page_export(struct request *q);
void page_leave(struct request *q);
void page_leave_post(struct request *q);
/* moderation.c */
void page_report(struct request *q);
void page_report_post(struct request *q);
void page_moderation(struct request *q);
void page_moderation_log(struct request *q);
void page_report_close(struct request *q);
void page_moderate(struct request *q);
void page_moderate_post(struct request *q);
/* invitations.c */
void page_invitations(struct request *q);
void page_invitation_add(struct request *q);
void page_invitation_revoke(struct request *q);
/* mail.c */
void page_reset(struct request *q);
void page_reset_post(struct request *q);
void page_reset_link(struct request *q);
void page_reset_link_post(struct request *q);
void page_confirm_link(struct request *q);
void page_confirm_link_post(struct request *q);
void page_confirm_again(struct request *q);
/* keeping.c */
void page_keeping(struct request *q);
void page_keeping_post(struct request *q);
/* about.c */
void page_about(struct request *q);
void page_choices(struct request *q);
/* ready.c */
void page_ready(struct request *q);

#endif
