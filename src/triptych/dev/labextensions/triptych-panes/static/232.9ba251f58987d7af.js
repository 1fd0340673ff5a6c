"use strict";(self.rspackChunktriptych_panes=self.rspackChunktriptych_panes||[]).push([[232],{475(e,t,o){var n=o(601),r=o.n(n),a=o(314),i=(o.n(a))()(r());i.push([e.id,`/*
 * A notebook in a narrow pane gives its width to the code: 60 characters fit into a third of 1440 pixels.
 * Where a pane is wide enough for JupyterLab's own margins, nothing changes.
 */
.jp-Notebook .jp-WindowedPanel-inner {
  container: triptych-pane / inline-size;
}

@container triptych-pane (width <= 620px) {
  .jp-Notebook .jp-WindowedPanel-viewport {
    --jp-notebook-padding: 2px;
    --jp-cell-padding: 2px;
    --jp-cell-prompt-width: 0px;
    --triptych-own: var(--jp-code-font-size);
  }

  /*
   * The size at which 60 characters of 0.602 em fit, but no smaller than 10.5 px and no larger than usual.
   * Who has chosen a larger size than JupyterLab's 13 px keeps it: the product is then beyond all sizes.
   */
  .jp-Notebook .jp-Cell {
    --jp-code-font-size: min(
      var(--triptych-own),
      max(10.5px, (100cqi - 28px) / 36.3, (var(--triptych-own) - 13px) * 1000)
    );
  }

  /* The prompt stands above the code, not beside it. */
  .jp-Notebook .jp-CodeCell .jp-InputArea {
    padding-top: 12px;
  }

  .jp-Notebook .jp-CodeCell .jp-InputArea-prompt {
    position: absolute;
    top: 0;
    right: 2px;
    width: auto;
    padding: 0;
    font-size: 10px;
    line-height: 12px;
  }

  .jp-Notebook .jp-OutputPrompt {
    display: none;
  }

  /* A fold's line is cut, not the dots that say it is one. */
  .jp-Notebook .jp-CodeCell .jp-Placeholder-prompt {
    padding: 0;
  }

  .jp-Notebook .jp-InputPlaceholder .jp-Placeholder-content,
  .jp-Notebook .jp-InputPlaceholder .jp-Placeholder-contentContainer {
    min-width: 0;
  }

  .jp-Notebook .jp-InputPlaceholder .jp-PlaceholderText {
    overflow: hidden;
    font-size: var(--jp-code-font-size);
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  /* Prose has no such need: its headings keep the arrow that folds them. */
  .jp-Notebook .jp-MarkdownCell {
    --jp-cell-prompt-width: 14px;
  }

  .jp-Notebook .jp-collapseHeadingButton {
    left: 0;
    width: 14px;
    min-width: 0;
    padding: 0;
    background-size: 14px;
    background-position: center;
  }
}
`,""]),o.d(t,{},{A:i})},314(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var o="",n=void 0!==t[5];return t[4]&&(o+="@supports (".concat(t[4],") {")),t[2]&&(o+="@media ".concat(t[2]," {")),n&&(o+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),o+=e(t),n&&(o+="}"),t[2]&&(o+="}"),t[4]&&(o+="}"),o}).join("")},t.i=function(e,o,n,r,a){"string"==typeof e&&(e=[[null,e,void 0]]);var i={};if(n)for(var p=0;p<this.length;p++){var s=this[p][0];null!=s&&(i[s]=!0)}for(var c=0;c<e.length;c++){var l=[].concat(e[c]);n&&i[l[0]]||(void 0!==a&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=a),o&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=o),r&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=r):l[4]="".concat(r)),t.push(l))}},t}},601(e){e.exports=function(e){return e[1]}},72(e){var t=[];function o(e){for(var o=-1,n=0;n<t.length;n++)if(t[n].identifier===e){o=n;break}return o}function n(e,n){for(var r={},a=[],i=0;i<e.length;i++){var p=e[i],s=n.base?p[0]+n.base:p[0],c=r[s]||0,l="".concat(s," ").concat(c);r[s]=c+1;var d=o(l),u={css:p[1],media:p[2],sourceMap:p[3],supports:p[4],layer:p[5]};if(-1!==d)t[d].references++,t[d].updater(u);else{var h=function(e,t){var o=t.domAPI(t);return o.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&o.update(e=t):o.remove()}}(u,n);n.byIndex=i,t.splice(i,0,{identifier:l,updater:h,references:1})}a.push(l)}return a}e.exports=function(e,r){var a=n(e=e||[],r=r||{});return function(e){e=e||[];for(var i=0;i<a.length;i++){var p=o(a[i]);t[p].references--}for(var s=n(e,r),c=0;c<a.length;c++){var l=o(a[c]);0===t[l].references&&(t[l].updater(),t.splice(l,1))}a=s}}},659(e){var t={};e.exports=function(e,o){var n=function(e){if(void 0===t[e]){var o=document.querySelector(e);if(window.HTMLIFrameElement&&o instanceof window.HTMLIFrameElement)try{o=o.contentDocument.head}catch(e){o=null}t[e]=o}return t[e]}(e);if(!n)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");n.appendChild(o)}},540(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},56(e,t,o){e.exports=function(e){var t=o.nc;t&&e.setAttribute("nonce",t)}},825(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(o){var n,r,a;n="",o.supports&&(n+="@supports (".concat(o.supports,") {")),o.media&&(n+="@media ".concat(o.media," {")),(r=void 0!==o.layer)&&(n+="@layer".concat(o.layer.length>0?" ".concat(o.layer):""," {")),n+=o.css,r&&(n+="}"),o.media&&(n+="}"),o.supports&&(n+="}"),(a=o.sourceMap)&&"u">typeof btoa&&(n+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(a))))," */")),e.styleTagTransform(n,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},113(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}},579(e,t,o){var n=o(72),r=o.n(n),a=o(825),i=o.n(a),p=o(659),s=o.n(p),c=o(56),l=o.n(c),d=o(540),u=o.n(d),h=o(113),f=o.n(h),v=o(475),m={};m.styleTagTransform=f(),m.setAttributes=l(),m.insert=s().bind(null,"head"),m.domAPI=i(),m.insertStyleElement=u(),r()(v.A,m),v.A&&v.A.locals&&v.A.locals}}]);